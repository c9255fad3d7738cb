"""What an assignment is: its cells, its contract, the one loader, and the frozen form that grades are made from."""
