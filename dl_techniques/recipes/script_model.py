"""The lines of a script that spell a built stack out."""

from dl_techniques.recipes.code_text import Raw, Writer
from dl_techniques.recipes.steps import LayerStep, RepeatStep, ResidualStep, Step

_LOOPS = "ijklmn"


class ModelWriter:
    """Writes steps as code that builds the same layers in the same order."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer

    def lines(
        self, steps: tuple[Step, ...], indent: int = 0, suffix: str = "", depth: int = 0
    ) -> list[str]:
        """Returns the lines of consecutive steps; `x` is the running tensor.

        Args:
            steps: What was built.
            indent: Spaces before each line.
            suffix: Numbers of the repeats around; names with braces are loops.
            depth: Number of residual branches around.
        """
        done: list[str] = []
        for step in steps:
            if isinstance(step, LayerStep):
                done.append(self._layer(step, indent, suffix))
            elif isinstance(step, ResidualStep):
                done += self._residual(step, indent, suffix, depth)
            else:
                done += self._repeat(step, indent, suffix, depth)
        return done

    def _layer(self, step: LayerStep, indent: int, suffix: str, var: str = "x") -> str:
        call = step.call.with_args(name=_name(step.name, suffix))
        after = f"({var}, {var})" if step.twice else f"({var})"
        return self.writer.call(call, indent=indent, before=f"{var} = ", after=after)

    def _residual(
        self, step: ResidualStep, indent: int, suffix: str, depth: int
    ) -> list[str]:
        pad = " " * indent
        shortcut = f"shortcut_{depth + 1}" if depth else "shortcut"
        done = [f"{pad}{shortcut} = x"]
        done += self.lines(step.body, indent, suffix, depth + 1)
        if step.projection:
            done.append(self._layer(step.projection, indent, suffix, shortcut))
        name = self.writer.value(_name(step.name, suffix))
        add = self.writer.name("keras.layers.Add")
        done.append(f"{pad}x = {add}(name={name})([{shortcut}, x])")
        return done

    def _repeat(
        self, step: RepeatStep, indent: int, suffix: str, depth: int
    ) -> list[str]:
        number = _LOOPS[suffix.count("{") % len(_LOOPS)]
        inside = f"{suffix}_r{{{number}}}"
        written = [
            self.lines(steps, indent + 4, inside, depth) for steps in step.rounds
        ]
        if len(step.rounds) > 1 and all(w == written[0] for w in written):
            head = f"{' ' * indent}for {number} in range({len(step.rounds)}):"
            return [head, *written[0]]
        done: list[str] = []
        for i, steps in enumerate(step.rounds):
            done += self.lines(steps, indent, f"{suffix}_r{i}", depth)
        return done


def _name(name: str, suffix: str) -> str | Raw:
    full = name + suffix
    return Raw(f'f"{full}"') if "{" in suffix else full
