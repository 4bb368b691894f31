"""What the visible loop of a recipe calls: updates, schedules, checkpoints, reports.

Nothing is imported here: a recipe names the module of each part, and pays for no other.
"""
