"""The gate: an assignment proves that its checks catch and name every known mistake and pass every right answer."""
