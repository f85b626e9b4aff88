"""What the documents are made and checked with; nothing here is part of the product."""
