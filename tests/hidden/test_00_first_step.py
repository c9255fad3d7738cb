"""Hidden checks of 00_first_step, with the mistakes and the alternatives that keep them honest."""

import numpy as np

from course.author import alternative, mistake, points


@points(0, cell="step", topic="other numbers and shapes")
def test_other_numbers(submission, check, rng):
    """Other weights, gradients and learning rates, in arrays with one axis and with two."""
    for shape in ((4,), (3, 5), (1, 1)):
        weights, gradient, lr = rng.normal(size=shape), rng.normal(size=shape), float(rng.uniform(0.1, 0.9))
        want = weights - lr * gradient
        check.close(submission.step(weights, gradient, lr), want, what="The new weights")


@points(0, cell="step", topic="arrays left alone")
def test_arrays_left_alone(submission, check, rng):
    """The arrays that are given are afterwards as they were."""
    weights, gradient = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    want = weights - 0.3 * gradient
    check.close(check.unchanged(submission.step, weights, gradient, lr=0.3), want, what="The new weights")


LINE = "weights - lr * gradient"


def slip(name, now, says, *hints):
    """A mistake in the one line."""
    mistake("step", name, was=LINE, now=now, says=says, hints=hints)


slip(
    "uphill",
    "weights + lr * gradient",
    "The step goes uphill: the gradient points to where the loss grows.",
    "Is the loss larger or smaller after the step?",
)
slip(
    "no_learning_rate",
    "weights - gradient",
    "The learning rate is not used: the step is as long as the gradient.",
    "Which of the three arguments does not appear in your line?",
)
slip(
    "step_alone",
    "lr * gradient",
    "The step alone comes back; the weights after the step are asked for.",
    "Where do the old weights appear in your line?",
)
slip(
    "negative_step_alone",
    "-lr * gradient",
    "The change of the weights comes back; the weights after it are asked for.",
    "Where do the old weights appear in your line?",
)
slip(
    "weights_scaled",
    "lr * weights - gradient",
    "The learning rate multiplies the weights; it belongs to the gradient.",
    "What should come back if the gradient is zero?",
)
slip(
    "both_scaled",
    "lr * (weights - gradient)",
    "The learning rate multiplies the weights too; it belongs to the gradient alone.",
    "What should come back if the gradient is zero?",
)
slip(
    "exchanged",
    "gradient - lr * weights",
    "Weights and gradient are exchanged.",
    "What should come back if the gradient is zero?",
)
slip(
    "divided",
    "weights - gradient / lr",
    "The gradient is divided by the learning rate; a larger rate should mean a longer step.",
    "Which step is longer, with lr 0.1 or with lr 0.5?",
)
slip(
    "learning_rate_added",
    "weights - (lr + gradient)",
    "The learning rate is added to the gradient; it multiplies it.",
    "What should come back if the gradient is zero?",
)
slip(
    "entries_multiplied",
    "weights - lr * gradient * weights",
    "The gradient is multiplied by the weights as well.",
    "Where the weight is 0, should it stay 0?",
)
slip(
    "sign_only",
    "weights - lr * np.sign(gradient)",
    "Only the sign of the gradient is used; its size counts too.",
    "Where the gradient is twice as large, the step is twice as long.",
)
slip(
    "absolute",
    "weights - lr * abs(gradient)",
    "The sign of the gradient is lost: every weight becomes smaller.",
    "What should happen to a weight with a negative gradient?",
)
slip(
    "fixed_rate",
    "weights - 0.2 * gradient",
    "The learning rate is fixed in the code; use the one that is given.",
    "Call it with lr=0. Do the weights stay?",
)
slip(
    "mean_gradient",
    "weights - lr * gradient.mean()",
    "All weights move by the same amount: the gradient is averaged first.",
    "Each weight has an entry of the gradient of its own.",
)
slip(
    "weights_overwritten",
    "np.subtract(weights, lr * gradient, out=weights)",
    "The given weights are changed themselves; return a new array.",
    "Print the weights before and after the call.",
    "`w -= s` changes the array, `w = w - s` makes a new one.",
)
slip(
    "gradient_overwritten",
    "weights - np.multiply(gradient, lr, out=gradient)",
    "The given gradient is changed itself.",
    "Print the gradient before and after the call.",
)


@alternative("step")
def gradient_first(weights, gradient, lr):
    return -lr * gradient + weights


@alternative("step")
def own_copy_in_place(weights, gradient, lr):
    weights = weights.copy()
    weights -= lr * gradient
    return weights


@alternative("step")
def with_a_name_for_the_step(weights, gradient, lr):
    change = gradient * lr
    new = weights - change
    return new


@alternative("step")
def by_numpy_functions(weights, gradient, lr):
    return np.subtract(weights, np.multiply(lr, gradient))


@alternative("step")
def adding_the_negative(weights, gradient, lr):
    return weights + (-lr) * gradient


@alternative("step")
def rebound(weights, gradient, lr):
    weights = weights - gradient * lr
    return weights


@alternative("step")
def entry_by_entry(weights, gradient, lr):
    new = np.empty(weights.shape)
    for place in np.ndindex(*weights.shape):
        new[place] = weights[place] - lr * gradient[place]
    return new


@alternative("step")
def as_lists(weights, gradient, lr):
    def one(w, g):
        return [one(*pair) for pair in zip(w, g, strict=True)] if isinstance(w, list) else w - lr * g

    return one(weights.tolist(), gradient.tolist())


@alternative("step")
def by_einsum(weights, gradient, lr):
    return np.einsum("i,i...->...", np.array([1.0, -lr]), np.stack([weights, gradient]))
