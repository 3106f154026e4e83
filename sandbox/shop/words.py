"""Vocabulary of the invented shop, plain and hostile."""

FIRST = ("Anna", "Bram", "Chloé", "Dewi", "Elif", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Katarzyna", "Luca")
LAST = ("Jansen", "O'Neill", "García", "Okafor", "Sørensen", "de Vries", "Nguyễn", "Smith-Jones", "Łukasz", "Kaya")
TRADES = ("Store", "Outfitters", "Boutique", "& Sons", "Trading", "Concept", "Market", "Atelier")
PLACES = (
    ("Sampleton", "", "1011 AB", "Netherlands", "NL"),
    ("Springfield", "IL", "62701", "United States", "US"),
    ("Testville", "", "SW1A 0AA", "United Kingdom", "GB"),
    ("Münster", "NRW", "48143", "Germany", "DE"),
    ("São Paulo", "SP", "01310-100", "Brazil", "BR"),
    ("東京", "", "100-0001", "Japan", "JP"),
)
STREETS = ("Main Street", "Kerkstraat", "Rue de l\u2019Église", "Harbour Road", "Lindenallee")
STYLES = ("Linen shirt", "Tee", "Wool coat", "Canvas bag", "Denim jacket", "Silk scarf", "Rain boots", "Knit cap")
COLOURS = ("Sand", "Blue", "Black", "Off-white", "Forest, dark", 'Red "fire"')
SIZE_RUNS = (("S", "M", "L"), ("One size",), ("36", "38", "40", "42"), ("XS", "S", "M", "L", "XL"))
CURRENCIES = ("EUR", "USD", "GBP")
NOTES = ("", "leave at the desk", "call first", "second delivery of the season", "gift")
HOSTILE_NOTES = (
    "\U0001f381 gift \U0001f469\u200d\U0001f469\u200d\U0001f467 family \U0001f1f3\U0001f1f1",
    "שלום — \u202eright to left\u202c مرحبا",
    "Zoe\u0308 e\u0301 combining, not composed",
    "line one\nline two\r\n\ttabbed; \"quoted\", 'single', back\\slash",
    " leading and trailing blanks ",
    "null",
    "'; drop table orders; --",
)
HOSTILE_NAMES = ("Café \u2615 & Co", "متجر العينات", "Zoe\u0308s Laden", "NULL", "A" * 200)
CUSTOM_LINES = ("gift wrap", "engraving", "pallet fee", "samples — no charge")
TAGS = ("rush", "wholesale", "vip ⭐", "pre-order")
CHANNELS = (("Demo shop", "Shopify"), ("Market stall", "Square"), ("Wholesale desk", "Manual"))
USERS = (("Wim", "Bakker"), ("Ada", "Quist"))
TIERS = ("Wholesale", "Retail")
CARRIERS = ("USPS", "FedEx", "UPS", "DHL", "Hand", "")
PAYMENT_TYPES = ("Bank transfer", "Cash", "Credit card")
RETURN_REASONS = ("Wrong size", "Damaged", "Changed mind")
TERMS = ("Net 30", "Prepaid")
ZONES = ("Europe/Amsterdam", "America/Los_Angeles", "Asia/Kolkata", "UTC")
ORGANISATION_NAMES = ("Demo Label", "Second Label", "Third Label")
