"""The command line, one file a command. With ``__main__`` the only rooms here that meet the world."""
