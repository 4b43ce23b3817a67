"""Draw ``summary.svg``, the picture of the README: run it with Python from anywhere."""  # noqa: INP001 - a script

from pathlib import Path
from tempfile import TemporaryDirectory

import egovrules as eg
from egovrules.report.summary import national_summary
from egovrules.report.terminal import render_svg

COMMAND = "egovrules evaluate ir-1400-autumn.yaml ir-1400-autumn --previous spring"


def main() -> None:
    """Evaluate both sample rounds and draw the national summary of the later one."""
    evaluation = None
    with TemporaryDirectory() as folder:
        sample = Path(folder) / "sample"
        eg.write_sample(sample)
        for name in ("ir-1400-spring", "ir-1400-autumn"):
            ruleset = eg.load_ruleset(sample / "rulesets" / f"{name}.yaml")
            dataset = eg.load_dataset(sample / name)
            evaluation = eg.evaluate(ruleset, dataset, previous=evaluation)
        assert evaluation is not None  # noqa: S101 - the loop made it
        picture = render_svg(national_summary(evaluation), title=COMMAND)
    Path(__file__).with_name("summary.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
