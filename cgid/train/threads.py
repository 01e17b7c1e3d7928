"""Lets a waiting thread sleep: imported before torch is, because its OpenMP library reads the environment once.

By default a thread that waits for the others burns its processor. Where training shares its cores (a dashboard, a
second job), that makes every step wait for the scheduler: ResNet-18 at 96 px on two busy cores fell from 20 to 7
images/s.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
