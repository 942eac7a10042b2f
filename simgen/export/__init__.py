"""Datasets in the formats that trainers and tools load: one module and one YAML file for each."""
