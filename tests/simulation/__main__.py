"""python -m tests.simulation"""

import sys

from tests.simulation.commandline import main

sys.exit(main())
