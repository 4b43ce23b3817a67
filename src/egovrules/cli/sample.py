"""``egovrules sample``: the synthetic rounds, to try everything on."""

import shlex
from pathlib import Path

import click

from egovrules.cli.output import tell, working, write
from egovrules.sample import write_sample


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace it even where it was changed.")
@click.option("--seed", type=int, default=1400, show_default=True, help="Of the generator.")
def sample(folder: Path, force: bool, seed: int) -> None:
    """Write the synthetic sample rounds.

    DIR gets two rounds as CSV and the rulesets beside them. The totals of the eighth round are
    published; every row is made up.
    """
    with working("Writing the sample"):
        write_sample(folder, seed=seed, force=force)
    tell("SYNTHETIC DATA: the totals are published, the rows are made up")
    steps = [
        [*_evaluate(folder, "ir-1400-spring"), "--out", str(folder / "spring")],
        [
            *_evaluate(folder, "ir-1400-autumn"),
            *("--previous", str(folder / "spring")),
            *("--out", str(folder / "autumn")),
        ],
    ]
    told = [f"Written to {folder}. To evaluate both rounds:", *[shlex.join(one) for one in steps]]
    write("\n  ".join(told) + "\n")


def _evaluate(folder: Path, name: str) -> list[str]:
    ruleset = folder / "rulesets" / f"{name}.yaml"
    return ["egovrules", "evaluate", str(ruleset), str(folder / name)]
