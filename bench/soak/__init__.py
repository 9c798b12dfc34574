"""Hours of ordinary life in minutes: does anything grow, does anything get lost?"""
