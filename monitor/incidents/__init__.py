"""What belongs together: which incident a post joins, its level, how far it will spread. Pure; knows no store."""
