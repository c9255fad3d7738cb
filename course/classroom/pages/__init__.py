"""What people read: the feedback page, the report on a class, and their figures."""
