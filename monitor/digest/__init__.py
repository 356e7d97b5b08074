"""From figures to mail, documents, sheets and charts. Knows how a day is told; decides nothing and sends nothing.

figures    a day counted, from the store        told, sentences, words   its rows and sentences, the same everywhere
make       one digest: mail, document, sheet, written whole or not at all
document, official, papers, follow_up     official documents (docx): the digest's, and those of one case (case_file)
charts, canvas, sheet                     PNG and XLSX, by hand
study, overview, excess, recapture        what a month teaches; how cases stand; more than usual; what the net missed
kept_back                                 what nobody was written to about
whatif                                    what other rules would have done with past cases
impact                                    the assessment of impact on personal data, filled in
"""
