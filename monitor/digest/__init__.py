"""From figures to mail, documents, sheets and charts. Knows how a day is told; decides nothing and sends nothing."""
