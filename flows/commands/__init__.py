"""The groups of the `chiptrail` command. Their modules import what they need when they are called, so that help is
quick.
"""
