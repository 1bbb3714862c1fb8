"""Figures: a table in, the matplotlib Axes that it was drawn on out. Call `use_style` once, then any `plot_*`."""

from analysis.figures.comparison import (
    plot_issue_attention,
    plot_issue_attention_over_time,
    plot_share_of_voice,
    plot_stance_differences,
    plot_tone_by_group,
    plot_tone_over_time,
    plot_tone_over_time_by_group,
)
from analysis.figures.issues import (
    plot_issue_changes,
    plot_issue_cooccurrence,
    plot_issue_sentiment,
    plot_issue_shares,
    plot_issue_voices,
    plot_issue_words,
    plot_issues_along,
    plot_keyness,
    plot_prominence,
    plot_topics,
)
from analysis.figures.quotes import plot_quote_types, plot_reporting_verbs, plot_voices_along, plot_words_by_voice
from analysis.figures.reliability import plot_agreement, plot_confusion, plot_corrected_shares
from analysis.figures.sentiment import plot_model_and_lexicon, plot_sentiment_along, plot_sentiment_by_actor, plot_sentiment_by_voice
from analysis.figures.stance import plot_stance_matrix, plot_stance_network, plot_stance_pairs, plot_stance_voices
from analysis.figures.style import mark_voices, use_style, write_figure

__all__ = [
    "mark_voices",
    "plot_agreement",
    "plot_confusion",
    "plot_issue_attention",
    "plot_issue_attention_over_time",
    "plot_issue_changes",
    "plot_issue_cooccurrence",
    "plot_issue_sentiment",
    "plot_issue_shares",
    "plot_issue_voices",
    "plot_issue_words",
    "plot_issues_along",
    "plot_keyness",
    "plot_model_and_lexicon",
    "plot_prominence",
    "plot_quote_types",
    "plot_reporting_verbs",
    "plot_sentiment_along",
    "plot_sentiment_by_actor",
    "plot_sentiment_by_voice",
    "plot_share_of_voice",
    "plot_corrected_shares",
    "plot_stance_differences",
    "plot_stance_matrix",
    "plot_stance_network",
    "plot_stance_pairs",
    "plot_stance_voices",
    "plot_tone_by_group",
    "plot_tone_over_time",
    "plot_tone_over_time_by_group",
    "plot_topics",
    "plot_voices_along",
    "plot_words_by_voice",
    "use_style",
    "write_figure",
]
