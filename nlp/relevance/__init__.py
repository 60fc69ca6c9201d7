"""Whether a text that has a brand's name is about the brand: 「さくらの化粧水」 and not 「さくらが咲いた」.

Only names that are ordinary words need it: a name that no dictionary has, or has as a company's, means the brand.
"""
