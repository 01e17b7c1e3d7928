"""Changes a network's first layers in place: finer ones for tiny images, wider ones for inputs of other than 3
channels.

A stem made for 224 pixels shrinks them by 2 or 4 before anything is looked at; of 32 pixels nothing fine is left then.
That a first convolution of 3 x 3 without pooling serves 32-pixel images is from He et al. (2016), section 4.2.

A fixed function of the image as the first layer of a network: it travels into the ONNX file and learns nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


def refine_resnet(network: nn.Module) -> None:
    """ResNet: 3 x 3 at full resolution instead of 7 x 7 at half, and no pooling after it. Its first weights are new."""
    first = network.conv1
    network.conv1 = _fresh(nn.Conv2d(first.in_channels, first.out_channels, 3, padding=1, bias=False))
    network.maxpool = nn.Identity()


def remove_stride(network: nn.Module) -> None:
    """The first convolution looks at every pixel instead of every second one; its weights stay."""
    first_convolution(network)[1].stride = (1, 1)


def refine_convnext(network: nn.Module) -> None:
    """ConvNeXt: patches of 2 x 2 pixels instead of 4 x 4. Its first weights are new."""
    path, first = first_convolution(network)
    layer = nn.Conv2d(first.in_channels, first.out_channels, 2, stride=2)
    nn.init.trunc_normal_(layer.weight, std=0.02)
    nn.init.zeros_(layer.bias)
    network.set_submodule(path, layer)


# By torchvision's class. Every other network keeps its stem: its later layers count on what that gives.
FAMILIES: dict[str, Callable[[nn.Module], None]] = {
    "ResNet": refine_resnet,
    "ConvNeXt": refine_convnext,
    **dict.fromkeys(("EfficientNet", "MNASNet", "MobileNetV2", "MobileNetV3", "RegNet"), remove_stride),
}


def refine_stem(network: nn.Module) -> None:
    """The finer stem of this network's family; nothing where it has none."""
    FAMILIES.get(type(network).__name__, lambda network: None)(network)


def widen(network: nn.Module, channels: int) -> None:
    """Let the first convolution take `channels` of input; its weights are new."""
    path, old = first_convolution(network)
    layer = nn.Conv2d(channels, old.out_channels, old.kernel_size, old.stride, old.padding, bias=old.bias is not None)
    network.set_submodule(path, _fresh(layer))


def first_convolution(network: nn.Module) -> tuple[str, nn.Conv2d]:
    """(its path, the layer)."""
    return next((path, layer) for path, layer in network.named_modules() if isinstance(layer, nn.Conv2d))


def _fresh(layer: nn.Conv2d) -> nn.Conv2d:
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class FixedLayer(nn.Module):
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
