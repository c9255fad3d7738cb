"""Attacks are text for the tests, never to be imported, not even for their doctests."""

collect_ignore_glob = ["*"]
