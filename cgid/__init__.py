"""cgid: does a detector of AI-generated images really work, why, and what does it say about this one?"""

__version__ = "0.1.0"
