"""Which of Keras' names Wubu has, and why it lacks the others."""

from __future__ import annotations

from operator import attrgetter

import wubu
from reference.load import signatures

# Keras' names, as "room.Name" in groups, with the reason why Wubu has none of them.
_GROUPS = {
    "wraps a model of another framework": """layers.FlaxLayer layers.JaxLayer
        layers.TFSMLayer layers.TorchModuleWrapper callbacks.OrbaxCheckpoint""",
    "is for sound": """initializers.STFT initializers.STFTInitializer
        initializers.stft layers.MelSpectrogram layers.STFTSpectrogram
        utils.audio_dataset_from_directory""",
    "is for half precision, which native code does not have": """
        optimizers.LossScaleOptimizer""",
    "is one of many ways to change pictures; the usual ones are here": """
        layers.AugMix layers.AutoContrast layers.CenterCrop
        layers.ContrastLimitedAdaptiveHistogramEqualization layers.CutMix
        layers.Equalization layers.MaxNumBoundingBoxes layers.MixUp layers.RandAugment
        layers.RandomColorDegeneration layers.RandomColorJitter
        layers.RandomElasticTransform layers.RandomErasing layers.RandomGaussianBlur
        layers.RandomGrayscale layers.RandomHue layers.RandomInvert
        layers.RandomPerspective layers.RandomPosterization layers.RandomSaturation
        layers.RandomSharpness layers.RandomShear layers.Solarization""",
    "is seldom used, and not here yet": """layers.ConvLSTM1D layers.ConvLSTM2D
        layers.ConvLSTM3D layers.Pipeline
        layers.ReversibleEmbedding layers.SpectralNormalization
        optimizers.MultiOptimizer optimizers.OptimizerMap utils.Config
        utils.FeatureSpace utils.get_source_inputs""",
    "belongs to deployment and services, which are not here yet": """Model.export
        callbacks.RemoteMonitor callbacks.TensorBoard""",
    "is `verbose` of fit": """callbacks.ProgbarLogger utils.Progbar
        utils.disable_interactive_logging utils.enable_interactive_logging
        utils.is_interactive_logging_enabled""",
    "speaks of Keras' own tensors": """layers.InputSpec utils.is_keras_tensor
        utils.standardize_dtype""",
}
ABSENT = {name: reason for reason, names in _GROUPS.items() for name in names.split()}


def is_here(name: str) -> bool:
    try:
        attrgetter(name)(wubu)
    except AttributeError:
        return False
    return True


def test_every_public_name_of_keras_is_here_or_has_a_reason_not_to_be() -> None:
    assert {name for name in signatures() if not is_here(name)} == set(ABSENT)


def test_preprocessing_has_the_names_of_before() -> None:
    sequence, image = wubu.preprocessing.sequence, wubu.preprocessing.image
    assert sequence.pad_sequences([[1], [2, 3]]).tolist() == [[0, 1], [2, 3]]
    assert image.img_to_array is wubu.utils.img_to_array
