"""What keeps a learner's code from seeing or harming anything: Landlock, seccomp, rlimits, privileges, namespaces."""
