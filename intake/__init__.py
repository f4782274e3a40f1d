"""The service: mailbox, rules, the story of one mail, the clock, the command line.

Map (top may import below, never upward):
``__main__`` > ``cli`` | ``demo`` > ``service`` > ``wiring`` > ``flow`` | ``cutoff`` > ``mailbox`` | ``config`` > ``rules``
"""
