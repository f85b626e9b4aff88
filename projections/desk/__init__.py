"""The terminal face of the engine and the views: each verb gives orders or asks, and answers.

A verb returns an Answer and prints nothing; `cli.py` alone prints.
"""
