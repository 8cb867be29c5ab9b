"""`python -m wubu` is the program `wubu`."""

from wubu.cli import main

if __name__ == "__main__":
    main()
