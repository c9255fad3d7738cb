"""Puts pages among the outputs that are kept, closes the streams, and patches how figures are saved.

Row own: the display, whose own objects the notebook can reach. Verdict: failed. Shown.
"""

import sys

import matplotlib.figure


def save(self, file, *given, **named):
    file.write(b"<script>zqxj</script>")


if "get_ipython" in globals():
    matplotlib.figure.Figure.savefig = save
    matplotlib.figure.Figure()
    kept = getattr(sys.stdout, "outputs", None)
    if kept is not None:
        kept.items += [
            ("html", "<script>"),
            ("stdout", "\x1b[31m\u202e"),
            ("result", "<b>"),
            ("error", "A: \x07" * 9_000),
        ]
        kept.text = -(10**12)
    print("zqxj" * 10**6)
    sys.stdout.close()
    sys.stdout = None


def gd(*given, **named):
    return None
