"""Prints and shows pages, scripts, terminal escapes, and marks that turn the direction of writing.

Row 111. Verdict: error. Shown.
"""

EVIL = "</pre><script>alert(1)</script><img src=https://example.org/zqxj onerror=alert(2)>"
TURNS = "\x1b[31mred\x1b]8;;https://example.org\x07link\x1b]8;;\x07\u202egnp\u2066\r\x08\x9b31m"

print(EVIL, TURNS)


class Rich:
    def _repr_html_(self):
        return EVIL

    _repr_svg_ = _repr_markdown_ = _repr_latex_ = _repr_javascript_ = _repr_pdf_ = _repr_jpeg_ = _repr_html_

    def _repr_mimebundle_(self, *given, **named):
        return {"text/html": EVIL, "application/javascript": "alert(1)", "text/plain": EVIL + TURNS, "image/png": EVIL}

    def __repr__(self):
        return EVIL + TURNS


if "get_ipython" in globals():
    display(Rich(), {"text/html": EVIL}, raw=False)  # noqa: F821
    display({"text/html": EVIL, "text/plain": TURNS}, raw=True)  # noqa: F821


def gd(*given, **named):
    raise ValueError(EVIL + TURNS)
