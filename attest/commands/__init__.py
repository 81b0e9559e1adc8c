"""The command line, one file a command. These and ``__main__`` alone meet the world."""
