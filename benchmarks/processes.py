"""The head of a table in Markdown."""


def print_header(*titles):
    print("\n|", " | ".join(titles), "|")
    print("|" + "---|" * len(titles))
