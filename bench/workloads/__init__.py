"""What is measured, a file for each: the loads of A to E and G run on one start of a server after
another; F, H and the starts of G are trichat's own business.
"""
