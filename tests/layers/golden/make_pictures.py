"""Writes pictures.json: see keras_cases.py. Random layers whose factors leave no choice are compared as they train."""
from keras import layers

from keras_cases import case, numbers, write

for mode in ["reflect", "wrap", "constant", "nearest"]:
    for interpolation in ["bilinear", "nearest"]:
        options = {"fill_mode": mode, "interpolation": interpolation, "fill_value": 0.75}
        case(layers.RandomRotation((0.11, 0.11), **options), (2, 5, 7, 2), training=True)
        case(layers.RandomZoom((0.37, 0.37), (-0.41, -0.41), **options), (1, 6, 5, 1), training=True)
        case(layers.RandomZoom((-0.3, -0.3), **options), (1, 5, 5, 2), training=True)
        case(layers.RandomTranslation((0.31, 0.31), (-0.83, -0.83), **options), (2, 5, 6, 1), training=True)
case(layers.RandomRotation((-0.3, -0.3), data_format="channels_first"), (1, 2, 5, 7), training=True)
case(layers.RandomTranslation(0, (0.4, 0.4)), (1, 4, 5, 3), training=True)
case(layers.RandomBrightness((0.2, 0.2)), inputs=[numbers((2, 3, 4, 3), 0, 255)], training=True)
case(layers.RandomBrightness((-0.6, -0.6), value_range=(0, 1)), inputs=[numbers((1, 3, 4, 1), 0, 1)], training=True)
case(layers.RandomFlip(), (2, 1, 1, 3), training=True)
case(layers.RandomCrop(4, 5), (2, 4, 5, 2), training=True)
case(layers.RandomContrast(0), inputs=[numbers((1, 3, 4, 3), -20, 300)], training=True)
for height, width in [(3, 4), (4, 4), (5, 2), (9, 9), (6, 3)]:
    case(layers.CenterCrop(height, width), (2, 5, 6, 2))
    for options in [{}, {"interpolation": "nearest"}, {"crop_to_aspect_ratio": True},
                    {"pad_to_aspect_ratio": True, "fill_value": 0.5}, {"pad_to_aspect_ratio": True}]:
        case(layers.Resizing(height, width, **options), (1, 5, 6, 2))
case(layers.CenterCrop(3, 2, data_format="channels_first"), (1, 2, 4, 5))
case(layers.Resizing(3, 2, data_format="channels_first"), (1, 2, 4, 5))
write("pictures")
