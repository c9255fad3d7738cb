"""What an instructor does around grading: release, export, extend, reveal, forget, the doctor and the demo."""
