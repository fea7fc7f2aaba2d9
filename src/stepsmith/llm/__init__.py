"""What a model caller imports: everything of a call but the vendor's own words.

A caller is one function from a `Question` to a `Reply`, made of two pure mappings around one call of the vendor's SDK;
`serve` makes it a Lambda. The kit loads the conversation, looks for the run's cancel mark, keeps the byte budgets,
validates the output, prices the tokens and writes the metrics.

    handler = serve("anthropic", ask, listed("anthropic"))

    question   Question and Reply: the nouns
    serving    serve: the steps of one call, in order
    transcripts    chunks of a conversation, the cancel mark
    replies    ids and budgets of what a vendor said
    outputs    the run's output and its schema
    wire       what all vendors' request mappings share
    pictures   pictures by reference, inlined
    refusals   what a vendor's HTTP error means, and who must act
    prices, records, secrets, frugal
"""

from .question import Question, Reply
from .serving import Ask, Handler, serve

__all__ = ["Ask", "Handler", "Question", "Reply", "serve"]
