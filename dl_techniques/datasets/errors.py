"""The one error of this room."""


class DatasetError(ValueError):
    """Something about data, a knob or an upload is wrong; the text is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(str(message).split()))
