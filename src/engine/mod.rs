//! The pretrained encoder, the parameter groups and the training loop, on burn.
