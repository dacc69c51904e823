class DocumentRefused(Exception):
    """The content cannot be printed; the message says why and what to do, for the person who asked."""

    @property
    def reason(self) -> str:
        return str(self)


class DocumentInvalid(DocumentRefused):
    """Something is missing from the content, or is not what its place calls for."""


class DocumentTooLarge(DocumentRefused):
    """A part is longer than a document may hold."""


class RenderFailed(Exception):
    """The child process came to no document: too slow, too large or broken. The message is for readers."""

    @property
    def reason(self) -> str:
        return str(self)


class RenderCrashed(RenderFailed):
    """The child was killed from outside, by a person or by a machine short of memory: worth another try."""


class TypefacesMissing(RenderFailed):
    """A typeface could not be loaded: the document is not printed rather than printed without letters."""

    def __init__(self) -> None:
        super().__init__(
            "The typefaces of documents could not be set up, as happens when a machine is short of memory. "
            "Nothing was printed and nothing was lost. Try again."
        )


class RenderCancelled(Exception):
    """Whoever asked for the document has withdrawn the request."""
