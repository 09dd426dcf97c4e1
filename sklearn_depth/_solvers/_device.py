"""Where torch computes."""


def find_device(device: str) -> str:
    """ "cpu" or "cuda"; "auto" is the GPU where there is one."""
    import torch

    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise ValueError(
            'device="cuda", but torch finds no such device on this machine. '
            'Use device="auto" or "cpu".'
        )
    return "cuda" if device != "cpu" and found else "cpu"
