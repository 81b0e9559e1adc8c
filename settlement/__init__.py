"""The clerk's room: is it genuine, is it payable, and paid once."""
