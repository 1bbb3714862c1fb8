import json

from check_notebooks import main


def notebook(folder, **changes):
    cell = {"cell_type": "code", "source": "target = 'China'", "outputs": [], "execution_count": None, "metadata": {"tags": ["parameters"]}}
    path = folder / "one.ipynb"
    path.write_text(json.dumps({"cells": [cell | changes], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return str(path)


def test_a_clean_notebook_passes(tmp_path, capsys):
    assert main([notebook(tmp_path)]) == 0
    assert capsys.readouterr().err == ""


def test_outputs_counts_and_missing_parameters_are_named_with_their_cell(tmp_path, capsys):
    path = notebook(tmp_path, outputs=[{"output_type": "stream"}], execution_count=3, metadata={})

    assert main([path]) == 1
    said = capsys.readouterr().err
    assert f"{path}: cell 0 has outputs" in said
    assert f"{path}: cell 0 has an execution count" in said
    assert f"{path}: 0 cells are tagged `parameters`, not one" in said
