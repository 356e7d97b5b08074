"""Reads a text and says whether it tells of unpaid wages, with its reasons. Knows nothing of the monitor around it.

verdict      what is answered          registry     which model answers
answering    wage_arrears; keywords: the baseline; prefilter: which posts need no model; doubt: what costs the alert;
             life_risk: danger to a person, unsure: which is only perhaps one; reasons: the words that moved the score
reading      normalize: without disguise; tokenizer, scan: words and sentences; grammar, debts, lacks, features: what
             the model sees; linear: weights at work; lexicon/: the words themselves
learning     build makes a model from corpus/ by train, kinds, sieve, calibration, life_risk_training;
             learning: what a reviewer should read next
measuring    evaluate, measures, card, benchmark; obfuscate: disguises to try it on
"""
