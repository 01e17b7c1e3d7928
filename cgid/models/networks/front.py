"""A fixed function of the image as the first layer of a network: it travels into the ONNX file and learns nothing."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


class Front(nn.Module):
    """function: (batch, *constants) -> batch, always in float32: what half precision rounds away is what it is for.

    The constants follow the network from device to device but stand in no file of weights.
    """

    def __init__(self, function: Callable[..., Tensor], *constants: Tensor) -> None:
        super().__init__()
        self.function = function
        self.names = [f"constant_{i}" for i in range(len(constants))]
        for name, constant in zip(self.names, constants):
            self.register_buffer(name, constant, persistent=False)

    def forward(self, batch: Tensor) -> Tensor:
        constants = [getattr(self, name) for name in self.names]
        if torch.is_autocast_enabled(batch.device.type):
            with torch.autocast(batch.device.type, enabled=False):
                return self.function(batch.float(), *constants)
        return self.function(batch, *constants)
