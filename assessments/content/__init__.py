"""What the pages of this room are made of: read from the database, ready to be printed."""
