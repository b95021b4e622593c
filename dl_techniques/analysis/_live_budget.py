"""How much of the training time the live analysis may take."""

from collections.abc import Callable

_WEIGHT_OF_NEWEST = 0.5


class Budget:
    """Keeps the time spent below a share of the training time.

    Args:
        share: Largest share of the training time, above 0.
        seconds: Most seconds of one look.
        grace: Seconds granted at the start, so that short runs show something.
        clock: Returns seconds.
    """

    def __init__(
        self, share: float, seconds: float, grace: float, clock: Callable[[], float]
    ) -> None:
        self._share, self._seconds, self._grace = share, seconds, grace
        self.clock = clock
        self.spent = 0.0
        self._start = clock()
        self._cost: dict[str, float] = {}
        self._end = 0.0

    def start(self) -> None:
        """Begins to count the training time."""
        self._start, self.spent = self.clock(), 0.0

    def left(self) -> float:
        """Returns the seconds that may be spent now."""
        trained = self.clock() - self._start - self.spent
        return min(self._share * trained + self._grace - self.spent, self._seconds)

    def begin(self) -> float:
        """Begins a look; returns its time limit."""
        limit = self.left()
        self._end = self.clock() + limit
        return limit

    def why_not(self, section: str) -> str:
        """Returns why a section does not fit into the look, or nothing."""
        remaining = self._end - self.clock()
        cost = self._cost.get(section, 0.0)
        if remaining <= 0:
            return "no time left in the budget"
        if cost > remaining:
            return f"takes {cost * 1e3:.3g} ms, {remaining * 1e3:.3g} ms are left"
        return ""

    def note(self, section: str, seconds: float) -> None:
        """Remembers what a section took."""
        known = self._cost.get(section, seconds)
        self._cost[section] = known + _WEIGHT_OF_NEWEST * (seconds - known)

    def relax(self, section: str) -> None:
        """Lets a skipped section count a little less, so that it comes back."""
        if section in self._cost:
            self._cost[section] *= 0.9
