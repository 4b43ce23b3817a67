"""``egovrules sample``: the synthetic rounds, to try everything on."""

from pathlib import Path

import click

from egovrules.cli.output import tell, working, write
from egovrules.sample import write_sample


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace an earlier sample.")
@click.option("--seed", type=int, default=1400, show_default=True, help="Of the generator.")
def sample(folder: Path, force: bool, seed: int) -> None:
    """Write the synthetic sample rounds.

    DIR gets two rounds as CSV and the rulesets beside them. The totals of the eighth round are
    published; every row is made up.
    """
    with working("Writing the sample"):
        write_sample(folder, seed=seed, force=force)
    tell("SYNTHETIC DATA: the totals are published, the rows are made up")
    rulesets = folder / "rulesets"
    write(
        f"Written to {folder}. To evaluate both rounds:\n"
        f"  egovrules evaluate {rulesets / 'ir-1400-spring.yaml'} {folder / 'ir-1400-spring'}"
        f" --out {folder / 'spring'}\n"
        f"  egovrules evaluate {rulesets / 'ir-1400-autumn.yaml'} {folder / 'ir-1400-autumn'}"
        f" --previous {folder / 'spring'} --out {folder / 'autumn'}\n"
    )
