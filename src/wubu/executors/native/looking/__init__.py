"""Looking inside: a program as text, where time goes, how fast this machine is."""
