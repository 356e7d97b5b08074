"""From a feed that is due to recorded changes: `poll` brings posts in, `take` reads and places them."""
