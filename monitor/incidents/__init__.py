"""What belongs together: which incident a post joins, how urgent it is, how far it will spread. Pure; knows no store."""
