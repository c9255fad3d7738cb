"""Raises what it was given: in the message, the notes, the name and the attributes of its exception.

Row 14. Verdict: error.
"""

calls = []


def gd(loss_and_grad, params, X, y, lr, steps):
    calls.append(1)
    said = "zqxj" + "_".join(str(number) for number in X.ravel())
    error = type(
        "zqxj" + str(len(calls)), (ValueError, KeyError) if len(calls) % 2 else (ValueError,), {"__doc__": said}
    )
    raised = error(said)
    raised.zqxj, raised.name, raised.filename = said, said, said
    raised.add_note(said)
    raise raised from KeyError(said)
